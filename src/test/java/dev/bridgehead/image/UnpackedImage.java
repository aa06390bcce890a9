package dev.bridgehead.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The image's layers laid over each other in a folder, and programs run in it as a pod would. */
final class UnpackedImage {
  static final Path TAR = Path.of("target", "bridgehead-image.tar");

  /** As a restricted pod: an own view of processes, a read-only root, an empty /tmp, uid 10001. */
  private static final String POD =
      """
      root=$1; shift
      mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/tmp" &&
      mount -o remount,ro,bind "$root" && exec chroot --userspec=10001:10001 "$root" "$@"
      """;

  private final Path root;

  private UnpackedImage(Path root) {
    this.root = root;
  }

  record Run(int status, String output) {}

  static UnpackedImage unpackedTo(Path root) throws IOException, InterruptedException {
    Path archive = Files.createDirectory(root.resolve("archive"));
    Path files = Files.createDirectory(root.resolve("files"));
    finish(new ProcessBuilder("tar", "-C", archive.toString(), "-xf", TAR.toString()));
    JsonNode manifest = new ObjectMapper().readTree(archive.resolve("manifest.json").toFile());
    for (JsonNode layer : manifest.get(0).get("Layers")) {
      finish(
          new ProcessBuilder(
              "tar",
              "--warning=no-unknown-keyword",
              "-C",
              files.toString(),
              "-xzf",
              archive.resolve(layer.asText()).toString()));
    }
    return new UnpackedImage(files);
  }

  Path file(String path) {
    return root.resolve(path);
  }

  /** Runs a program of the image and gives what it printed on both outputs. */
  Run run(String... command) throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(
            List.of(
                "unshare", "--mount", "--pid", "--fork", "sh", "-c", POD, "sh", root.toString()));
    line.addAll(List.of(command));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().clear();
    builder.environment().put("PATH", System.getenv("PATH"));
    return finished(builder);
  }

  private static void finish(ProcessBuilder builder) throws IOException, InterruptedException {
    Run run = finished(builder);
    if (run.status() != 0) {
      throw new IOException(String.join(" ", builder.command()) + ": " + run.output());
    }
  }

  private static Run finished(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", builder.command()) + ": not done after a minute");
    }
    return new Run(process.exitValue(), output);
  }
}
