"""Who may do what: identities, policies and invocations."""
