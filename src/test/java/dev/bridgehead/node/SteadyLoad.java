package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Clients of a connector that send all the time, and its next hop, inside the node's network:
 * {@link dev.bridgehead.cli.LedgerLoad}, spoken to by lines.
 */
final class SteadyLoad implements AutoCloseable {
  private final Process process;
  private final PrintStream commands;
  private final BufferedReader answers;

  private SteadyLoad(Process process) {
    this.process = process;
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts it, with neither clients nor next hop yet.
   *
   * @param connector the Service's address; its port is 25
   * @param hop an address of the node's network; its port is 25
   */
  static SteadyLoad between(TestCluster cluster, String connector, String hop) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> words = new ArrayList<>(cluster.insideNetwork());
    words.addAll(List.of(java, "-Xmx128m", "-cp", System.getProperty("java.class.path")));
    words.addAll(List.of("dev.bridgehead.cli.LedgerLoad", connector, "25", hop, "25"));
    try {
      return new SteadyLoad(
          new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the clients work; they go on until {@link #pause}. */
  void send() {
    say("send");
  }

  /** Lets the clients rest; what they had begun is over when this returns. */
  void pause() {
    say("pause");
  }

  /** Lets the next hop take connections. */
  void openHop() {
    say("open");
  }

  /** Takes the next hop away. */
  void closeHop() {
    say("close");
  }

  /** To be said right before a relay is killed: a duplicate of that moment is RFC 1047's. */
  void aboutToKill() {
    say("kill");
  }

  /** What was seen so far. */
  Report report() {
    return new Report(say("report"));
  }

  /**
   * @param text figures a line each, faults last
   */
  record Report(String text) {
    long messages() {
      return figure("messages with 250");
    }

    long owed() {
      return figure("still owed");
    }

    long duplicates() {
      return figure("duplicates");
    }

    /** Sessions that were told 421 or another 4xx, and connections that could not be made. */
    long failedSubmissions() {
      return figure("told to come later (421, 4xx)") + figure("could not connect");
    }

    List<String> faults() {
      return text.lines().filter(line -> line.startsWith("fault: ")).toList();
    }

    private long figure(String name) {
      Matcher matcher =
          Pattern.compile("(?m)^ *" + Pattern.quote(name) + " +([0-9]+)$").matcher(text);
      if (!matcher.find()) {
        throw new AssertionError("no figure \"" + name + "\" in:\n" + text);
      }
      return Long.parseLong(matcher.group(1));
    }
  }

  private synchronized String say(String command) {
    commands.println(command);
    StringBuilder answer = new StringBuilder();
    try {
      for (String line = answers.readLine(); ; line = answers.readLine()) {
        if (line == null) {
          throw new AssertionError("the load has ended: " + answer);
        }
        if (line.isEmpty()) {
          return answer.toString();
        }
        answer.append(line).append('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
