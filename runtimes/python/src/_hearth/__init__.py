"""The inside of the managed Python runtime. Handlers have no business here."""
