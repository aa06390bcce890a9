package dev.bridgehead.relay.routing;

/**
 * A next hop as looked up.
 *
 * @param rank lower ones are asked first; equal ones are equally good
 */
record Candidate(NextHop hop, int rank) {}
