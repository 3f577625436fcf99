"""Text laid out in cells: tables, trees, bars. Pure: strings and numbers in, strings out."""
