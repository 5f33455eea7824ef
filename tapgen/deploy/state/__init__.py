"""What is there now: read from AWS and from the records, changed by nobody here.

::

    observed_state      stacks, aliases, shifts, change sets, lock and records at once
    stack_tree          the stacks and their resources
    preflight           what a deploy may do in that state; pure
    running_release     whose operation runs on a stack
    release_status      how a release stands; pure
    live_templates      the templates that CloudFormation has
    recorded_templates  the templates that a record names
    recorded_release    a recorded release, ready to be deployed again
"""
