"""Brings resources that exist under a deployment, with the data in them.

    fit             what separates an existing resource from its definition
    definitions     the definition that CloudFormation imports, and the templates around it
    sequence        which step is next, from what is there
    observe         what is there
    candidates      what exists, held against what the release wants
    execute         the steps: change sets, made, executed, followed
    recording       the record of it in the ledger
    adopt           the operation

CloudFormation imports into one stack at a time, takes no nested stacks along, and nests an existing stack only where it
was updated since its import (user guide, "Import AWS resources into a CloudFormation stack manually", "Nest an existing
stack"). So what belongs to a nested stack that does not exist yet is imported into a stack of its own, whose tags are
updated, and which then becomes the nested one; where the nested stack is there, it imports by itself.
"""
