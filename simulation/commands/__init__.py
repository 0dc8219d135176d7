"""The commands that simulate, one a file; everything heavy is imported inside them."""
