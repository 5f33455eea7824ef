"""What somebody changed behind CloudFormation's back.

::

    model        what has drifted, as a value that is kept in the artifact bucket; pure
    expectation  what the live release's templates say of that which CloudFormation does not compare; pure
    detection    CloudFormation's own detection on every stack, at once
    undetected   alias, deployment group, log retention, subscriptions, bucket policies as they are
    detect       all of it; the way in
    reports      the last report, kept in the artifact bucket
    reversal     change sets that bring resources back to their templates
    overwriting  which of a deploy's changes hit what has drifted; pure
"""
