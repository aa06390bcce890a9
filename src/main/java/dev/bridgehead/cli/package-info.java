/**
 * The command line: one picocli command per role or tool, each thin. Exit codes everywhere: 0 done,
 * 1 refused or failed, 2 usage or unreadable input. May depend on every other room; nothing depends
 * on it.
 */
@NullMarked
package dev.bridgehead.cli;

import org.jspecify.annotations.NullMarked;
