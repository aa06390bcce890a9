package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names for one test, and what was asked for. The real name server is in DnsResolverIT. */
final class Zone implements Resolver {
  private final Map<String, Answer<MailExchanger>> exchangers = new HashMap<>();
  private final Map<String, Answer<InetAddress>> hosts = new HashMap<>();
  private final List<String> asked = new ArrayList<>();

  /** {@code "10 mx1.example.test"}; a preference alone is a null MX. */
  Zone mx(String domain, String... records) {
    List<MailExchanger> all =
        Arrays.stream(records)
            .map(record -> record.split(" ", 2))
            .map(
                parts ->
                    new MailExchanger(Integer.parseInt(parts[0]), parts.length > 1 ? parts[1] : ""))
            .toList();
    exchangers.put(domain, new Answer.Found<>(all));
    return this;
  }

  Zone mx(String domain, Answer<MailExchanger> answer) {
    exchangers.put(domain, answer);
    return this;
  }

  Zone host(String name, String... addresses) {
    hosts.put(
        name, new Answer.Found<>(Arrays.stream(addresses).map(InetAddress::ofLiteral).toList()));
    return this;
  }

  Zone host(String name, Answer<InetAddress> answer) {
    hosts.put(name, answer);
    return this;
  }

  List<String> asked() {
    return asked;
  }

  @Override
  public synchronized Answer<MailExchanger> mx(String domain) {
    asked.add(domain);
    return exchangers.getOrDefault(
        domain, hosts.containsKey(domain) ? new Answer.NoData<>() : new Answer.NameError<>());
  }

  @Override
  public synchronized Answer<InetAddress> addresses(String host, Set<IpVersion> versions) {
    asked.add(host);
    Answer<InetAddress> answer = hosts.getOrDefault(host, new Answer.NameError<>());
    if (!(answer instanceof Answer.Found<InetAddress>(List<InetAddress> all))) {
      return answer;
    }
    List<InetAddress> wanted =
        versions.stream()
            .flatMap(
                version ->
                    all.stream()
                        .filter(it -> (it.getAddress().length == 4) == (version == IpVersion.IPV4)))
            .toList();
    return wanted.isEmpty() ? new Answer.NoData<>() : new Answer.Found<>(wanted);
  }
}
