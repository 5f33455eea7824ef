"""The kinds of parts that a service is made of: one folder a kind, all that the engine must know of it inside.

The engine iterates over the kinds of ``registry`` and over the parts of a service's model; it names none of either.
Modules of a kind's folder, each loaded when the engine needs it:

    model       the frozen value that a user writes, with its verbs and event sources; no troposphere, no AWS
    vocabulary  the words of config/service.py that make it; ``service.Service`` has those of every kind here
    settings    what an environment says about one part, as a frozen value
    schema      the same as a pydantic model, which checks the file
    names       physical name, ARN, and the variables that a grant brings
    values      what crosses a nested stack's border
    resources   troposphere: the resources of one part
    alarms      the alarms of one part
    dashboard   its rows

Kinds of other packages register under the entry point group ``tapgen.parts``.
"""
