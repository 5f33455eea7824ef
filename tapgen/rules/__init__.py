"""Named rules: what must hold in the templates of every service. One file a rule, one folder a concern.

    access      who may do what: identities, policies, invocations
    alarms      whether trouble is seen and tells people
    shifts      whether a traffic shift is guarded, judged and rolled back
    stacks      what CloudFormation takes, tags, and how the nested stacks fit together
    storage     encryption, retention, log groups

    registry    every rule: those here, those of the kinds of parts, and those that other packages bring
    judgement   rules applied to templates, with what the configuration suppresses

A rule about one kind of part lies in the folder of the kind: ``parts/<kind>/rules/``. Each file has one ``RULE``, a
``tapgen.elements.rule.Rule``; ``docs/reference/rules.md`` is written from them. A rule judges by the configuration and
the service, never by the code that makes the templates: rules import neither troposphere nor ``tapgen.templates``.
"""
