"""Our own expectations, for what no built-in one says. Importing a module registers its expectations."""
