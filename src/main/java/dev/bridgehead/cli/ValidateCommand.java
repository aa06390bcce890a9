package dev.bridgehead.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.manifest.Judgement;
import dev.bridgehead.manifest.ManifestDocument;
import dev.bridgehead.manifest.ManifestFile;
import dev.bridgehead.validation.Facts;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bridgehead validate}: says all that an API server and our webhook would, without them. */
@Command(
    name = "validate",
    description = "Judges SmtpConnector manifests, as kubectl apply would, without a cluster.",
    footer = "Exit codes: 0 all valid, 1 invalid, 2 unreadable or wrong usage.",
    mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Option(
      names = {"-f", "--filename"},
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "YAML or JSON, one document or many; - is stdin. May be given again.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json. Default: text.")
  private OutputFormat format = OutputFormat.text;

  @Option(
      names = "--cluster-domain",
      paramLabel = "DOMAIN",
      description = "DNS domain of the cluster. Default: cluster.local.")
  private String clusterDomain = Facts.DEFAULT_CLUSTER_DOMAIN;

  @Override
  public Integer call() throws JsonProcessingException {
    PrintWriter err = spec.commandLine().getErr();
    List<Judgement> judgements = new ArrayList<>();
    boolean unreadable = false;
    for (String name : files) {
      ManifestFile file = ManifestFile.read(name, System.in);
      file.faults().forEach(err::println);
      unreadable |= !file.faults().isEmpty();
      if (file.documents().isEmpty() && file.faults().isEmpty()) {
        err.println(name + ": empty");
      }
      for (ManifestDocument document : file.documents()) {
        if (document.isOurs()) {
          judgements.add(Judgement.of(document, clusterDomain));
        } else {
          err.println(document.location() + ": skipped: " + described(document));
        }
      }
    }
    print(judgements);
    err.flush();
    boolean invalid = judgements.stream().anyMatch(judgement -> !judgement.accepted());
    return unreadable ? Main.EXIT_USAGE : invalid ? Main.EXIT_FAILED : 0;
  }

  private static String described(ManifestDocument document) {
    return document.item() + document.kind() + " " + document.name() + " is no SmtpConnector";
  }

  private void print(List<Judgement> judgements) throws JsonProcessingException {
    PrintWriter out = spec.commandLine().getOut();
    if (format == OutputFormat.json) {
      out.println(
          new ObjectMapper()
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(judgements.stream().map(ValidateCommand::json).toList()));
    } else {
      for (Judgement judgement : judgements) {
        judgement.errorLines().forEach(out::println);
        judgement.warningLines().forEach(out::println);
      }
    }
    out.flush();
  }

  private static Map<String, Object> json(Judgement judgement) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", judgement.document().file());
    json.put("document", judgement.document().index());
    json.put("kind", judgement.document().kind());
    json.put("name", judgement.document().name());
    json.put(
        "errors",
        judgement.errors().stream()
            .map(e -> ordered("field", e.field(), "type", e.type().text(), "message", e.message()))
            .toList());
    json.put(
        "warnings",
        judgement.warnings().stream()
            .map(w -> ordered("field", w.field(), "message", w.message()))
            .toList());
    return json;
  }

  private static Map<String, String> ordered(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
