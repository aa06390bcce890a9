package dev.bridgehead.cli;

/** How results are printed; the names are what is typed. */
enum OutputFormat {
  text,
  json
}
