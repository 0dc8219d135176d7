"""`python -m simulation` is `supportsim`."""

from simulation.cli import main

if __name__ == "__main__":
    main()
