package dev.bridgehead.operator.election;

/** Who is told how the election goes, on the elector's thread, which must not be held up. */
public interface Candidate {
  /** Leads from now on; told once. */
  void elected();

  /** Another one leads, although this one was elected: the process has to end, at once. */
  void deposed(String by);

  /** There is no election any more in this process, which has to end, at once. */
  void failed(String why);
}
