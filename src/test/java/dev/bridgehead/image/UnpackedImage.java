package dev.bridgehead.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The image's layers laid over each other in a folder, and programs run in it as a pod would. */
final class UnpackedImage {
  static final Path TAR = Path.of("target", "bridgehead-image.tar");

  /** As a restricted pod: an own view of processes, a read-only root, an empty /tmp, uid 10001. */
  private static final String POD =
      """
      root=$1; shift
      mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/tmp" &&
      mount -o remount,ro,bind "$root" && exec env -i "$(command -v chroot)" --userspec=10001:10001 "$root" "$@"
      """;

  private final Path root;

  private UnpackedImage(Path root) {
    this.root = root;
  }

  static UnpackedImage unpackedTo(Path folder) throws IOException {
    Tier.requireRoot("running the image");
    if (!Files.exists(TAR)) {
      throw Tier.skip(TAR + " is missing: build it with ./mvnw package -Pimage");
    }
    Path archive = Files.createDirectory(folder.resolve("archive"));
    Path files = Files.createDirectory(folder.resolve("files"));
    Command.of("tar", "-C", archive.toString(), "-xf", TAR.toString()).run();
    JsonNode manifest = new ObjectMapper().readTree(archive.resolve("manifest.json").toFile());
    for (JsonNode layer : manifest.get(0).get("Layers")) {
      Command.of("tar", "--warning=no-unknown-keyword", "-C", files.toString())
          .with("-xzf", archive.resolve(layer.asText()).toString())
          .run();
    }
    return new UnpackedImage(files);
  }

  Path file(String path) {
    return root.resolve(path);
  }

  /** A program of the image, to be run in it. */
  Command command(String... words) {
    return Command.of("unshare", "--mount", "--pid", "--fork")
        .with("sh", "-c", POD, "sh", root.toString())
        .with(words);
  }
}
