"""The proof that permissions are exact: what roles are used for, and that nothing they have could go.

``stage`` deploys the service to an embedded AWS of its own, ``scenarios`` use it, ``need`` is what IAM was asked
meanwhile, ``mutants`` are the policies with one part taken away, ``prove`` runs them, ``witnesses`` compare.

It works on policies in place and restores them; it must never touch a deployment that somebody else uses.
"""
