/// The version the commands print; one with CHANGELOG.md.
public enum UringIOVersion {
  public static let current = "0.1.0"
}
