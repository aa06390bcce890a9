package dev.bridgehead.api;

/** The API group and version of both kinds. */
public final class ApiGroup {
  public static final String NAME = "bridgehead.dev";
  public static final String VERSION = "v1";
  public static final String API_VERSION = NAME + "/" + VERSION;

  private ApiGroup() {}
}
