package dev.bridgehead.relay.spool;

/**
 * A segment found on disk.
 *
 * @param header what it begins with; made up where it is damaged
 */
record Piece(Segment segment, SegmentHeader header, boolean headerDamaged) {}
