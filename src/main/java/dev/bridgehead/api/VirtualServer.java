package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * How one bridgehead speaks SMTP.
 *
 * @param port 25 when null
 * @param outboundPort 25 when null
 * @param maxMessageSize 25Mi when null; 64Ki to 1Gi
 * @param bareLineEndings Reject when null
 * @param addMissingHeaders true when null
 * @param tls none is offered when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VirtualServer(
    @Min(1)
        @Max(65535)
        @JsonPropertyDescription(
            "Port where clients connect: container port, and port of the bridgehead's own Service. Default: 25.")
        @Nullable Integer port,
    @Min(1)
        @Max(65535)
        @JsonPropertyDescription(
            "Port used for sending, where a smart host names none. Default: 25.")
        @Nullable Integer outboundPort,
    @JsonPropertyDescription(
            "Largest message accepted, a quantity from 64Ki to 1Gi. Default: 25Mi.")
        @Nullable Quantity maxMessageSize,
    @JsonPropertyDescription(
            "What becomes of a message with a bare CR or LF: Reject refuses it, Normalize makes a bare LF CR LF and a bare CR a space. Default: Reject.")
        @Nullable BareLineEndings bareLineEndings,
    @JsonPropertyDescription(
            "Add Date and Message-ID where a client that may relay sent none (RFC 6409 section 8). Default: true.")
        @Nullable Boolean addMissingHeaders,
    @JsonPropertyDescription(
            "TLS for clients: STARTTLS, and TLS from the first octet on a port of its own. Default: none.")
        @Nullable InboundTls tls) {
  /** What an absent {@code virtualServer} means. */
  public static final VirtualServer DEFAULT = new VirtualServer(null, null, null, null, null, null);

  public int portOrDefault() {
    return port == null ? 25 : port;
  }

  public int outboundPortOrDefault() {
    return outboundPort == null ? 25 : outboundPort;
  }

  /** Octets. */
  public long maxMessageBytes() {
    return maxMessageSize == null ? 25L << 20 : maxMessageSize.getNumericalAmount().longValue();
  }

  /** The port with TLS from the first octet; null where there is none. */
  public @Nullable Integer implicitTlsPort() {
    return tls == null ? null : tls.implicitPort();
  }

  public BareLineEndings bareLineEndingsOrDefault() {
    return bareLineEndings == null ? BareLineEndings.REJECT : bareLineEndings;
  }

  public boolean addMissingHeadersOrDefault() {
    return addMissingHeaders == null || addMissingHeaders;
  }
}
