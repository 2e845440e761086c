"""`python -m prosodytok`: the command line."""

from prosodytok.cli import main

if __name__ == "__main__":
    main()
