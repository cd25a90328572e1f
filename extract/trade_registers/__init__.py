"""Trade registers: what others have counted already, read from the files that users download themselves.

Today one register is read, the SIPRI Arms Transfers Database, in both of its export schemas. Its data is SIPRI's and is
not part of this project.
"""
