"""Whether an environment can be deployed, looked at before anything is: ``tapgen validate``.

    offline     the rules of ``tapgen.rules``, and cfn-lint where it is installed
    names       whether something outside of the stack has a name that the release needs
    quotas      whether the account has room for what the release makes
    issuer      whether the JWT issuer answers as API Gateway will ask it
    early       CloudFormation's own validation of a change set, which is taken away again

Every check answers with findings, all of them at once; what could not be looked at is ``skipped`` with the reason.
Nothing is deployed, and what an account is asked is read alone, but for templates in the artifact bucket and a change
set that is deleted again.
"""
