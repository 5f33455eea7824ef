"""The AWS edge: the only folder, beside ``local/``, that imports boto3.

Functions here make one kind of call each and answer with values of ``tapgen.model``; a ``ClientError`` becomes a
``TapgenError`` here and nowhere else. Nothing here decides what to do next, waits for an operation or prints.
"""
