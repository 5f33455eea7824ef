"""What a release must not do unless somebody says so by name: decisions on templates and changes, all of them pure.

    templates      a release, or what is live, as templates by stack; its resources with their paths
    firewall       data that would be replaced, deleted, or protected less
    weakening      which property protects what, and when a new value protects less
    exposure       what would be open to everybody
    reachability   addresses of an API that would stop answering
    stack_policy   the same refusals for everybody else, in CloudFormation's words
    indexes        index changes that DynamoDB takes one at a time, as successive updates
    allowances     what somebody allowed by name, held against what needs it
    production     whose word counts where ``production: true``

Nothing here calls AWS, reads files or prints; ``tapgen.deploy.change_sets.gate_checks`` asks and refuses.
"""
