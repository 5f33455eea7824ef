"""What separates two releases: their templates, their functions' code, what their roles may do. Pure.

::

    side             one of two releases: its templates, its artifacts
    difference       what a comparison answers: stacks → resources → properties
    compare          the way in: (before, after) → Difference
    pairing          logical ids that carry a hash, told apart from resources that came or went
    values           two values → the property paths at which they differ
    requirements     which properties replace their resource
    references       what a value reads: resources, parameters, another stack's outputs
    consequences     what changes because something it refers to becomes another one
    contents         two zips: files, sizes, dependency versions
    publications     versions that will be published, why, and how their traffic shifts
    permissions      grants that came and went
    confirmation     CloudFormation's own change set beside all that: replacements, and alarms that are none
    condense         a difference told shortly
    words            differences and permissions in words, for a terminal and for a pull request

Reads no AWS, no file and no clock: whoever compares brings both releases. Decides nothing: what must not be deployed is
for the gates to say.
"""
