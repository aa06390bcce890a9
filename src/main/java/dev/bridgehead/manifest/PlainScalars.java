package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * What an unquoted YAML scalar means to {@code kubectl} (go.yaml.in/yaml/v2, resolve.go): YAML 1.1
 * without base-60 numbers and without timestamps.
 */
final class PlainScalars extends Resolver {
  /** Marks scalars without quotes and without a tag. */
  static final Tag TAG = new Tag("!bridgehead.dev/plain");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Set<String> TRUE =
      Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
  private static final Set<String> FALSE =
      Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");
  private static final Set<String> NULL = Set.of("", "~", "null", "Null", "NULL");

  /** Longer ones are no numbers that any field of ours takes. */
  private static final int MAX_NUMBER = 64;

  private static final Pattern INTEGER =
      Pattern.compile("([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))");
  private static final Pattern FLOAT =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

  @Override
  public Tag resolve(NodeId kind, String value, boolean implicit) {
    if (kind == NodeId.scalar) {
      return implicit ? TAG : Tag.STR;
    }
    return kind == NodeId.sequence ? Tag.SEQ : Tag.MAP;
  }

  /** The value; text that is nothing else is a string. */
  static JsonNode json(String text) {
    if (NULL.contains(text)) {
      return JSON.nullNode();
    }
    if (TRUE.contains(text) || FALSE.contains(text)) {
      return JSON.booleanNode(TRUE.contains(text));
    }
    if (text.length() <= MAX_NUMBER) {
      String plain = text.replace("_", "");
      Matcher integer = INTEGER.matcher(plain);
      if (integer.matches()) {
        return integer(integer);
      }
      if (FLOAT.matcher(plain).matches()) {
        return JSON.numberNode(Double.parseDouble(plain));
      }
    }
    return JSON.textNode(text);
  }

  private static JsonNode integer(Matcher parts) {
    int[] radix = {16, 2, 8, 10};
    for (int i = 0; i < radix.length; i++) {
      String digits = parts.group(i + 2);
      if (digits != null) {
        BigInteger value =
            new BigInteger(parts.group(1).equals("-") ? "-" + digits : digits, radix[i]);
        return value.bitLength() < Integer.SIZE
            ? JSON.numberNode(value.intValue())
            : value.bitLength() < Long.SIZE
                ? JSON.numberNode(value.longValue())
                : JSON.numberNode(value.doubleValue());
      }
    }
    throw new AssertionError("one group matched");
  }
}
