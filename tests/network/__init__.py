"""The runner against faults, a hostile gateway and one with bugs of its own; bug models over sockets; schemathesis.

Needs the extras `dev` and `bench`, and sockets of this machine. Takes some three minutes on two processors.
SIGNRULES_HISTORIES says how many histories are made, SIGNRULES_BUGS how many bug models are planted (or all).
"""
