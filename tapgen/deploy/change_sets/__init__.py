"""The change set of a release: what is uploaded for it, how it is made, shown, checked and refused. Executes nothing.

::

    upload              templates and zips into the artifact bucket
    execution_role      the role that CloudFormation assumes
    change_set          made, waited for, shown, taken away again
    taken_names         what a refused one cannot create, and the command that adopts it
    preview             one that is made to be read, and deleted again
    gate_checks         the gates' answers: refused, or allowed by name
    iam_broadening      whether roles may do more than in the live release
    costs               what it changes of the fixed costs
    successive_updates  a release in several updates, one DynamoDB index or expiry each
    stack_policies      standing and lenient policies of the stacks
"""
