"""The API's contract as files: written from the code, and compared with what was released."""
