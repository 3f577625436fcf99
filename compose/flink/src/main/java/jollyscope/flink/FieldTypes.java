package jollyscope.flink;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which field of a record is of which JSON type: {@code text}, {@code whole} (0 to 2^63 - 1), {@code number},
 * {@code truth}, {@code object}, {@code array}, {@code any}; with {@code ?} it may be null. {@code events} and
 * {@code links} are arrays whose items are looked at too.
 */
final class FieldTypes {
  private static final Map<String, FieldTypes> ITEMS =
      Map.of(
          "events", new FieldTypes("name text, time whole, dropped_attributes whole, attributes object"),
          "links",
              new FieldTypes(
                  "trace_id text, span_id text, trace_state text, dropped_attributes whole, "
                      + "flags whole, attributes object"));

  private final Map<String, String> types = new HashMap<>();
  private final Set<String> wanted = new HashSet<>();

  FieldTypes(String said) {
    for (String field : said.split(",")) {
      String[] parts = field.trim().split("\\s+");
      String name = parts[0];
      if (name.endsWith("*")) {
        name = name.substring(0, name.length() - 1);
        wanted.add(name);
      }
      types.put(name, parts[1]);
    }
  }

  boolean wants(String name) {
    return wanted.contains(name);
  }

  /** What the items of such a field are, or null where it is of another type. */
  FieldTypes itemsOf(String name) {
    String type = types.get(name);
    return type == null ? null : ITEMS.get(type);
  }

  /** Whether a value may stand in a field, by its text: unknown fields take anything. */
  boolean takes(String name, String value) {
    String type = types.get(name);
    if (type == null || type.equals("any")) {
      return true;
    }
    char first = value.charAt(0);
    if (first == 'n') {
      return type.endsWith("?");
    }
    switch (type.endsWith("?") ? type.substring(0, type.length() - 1) : type) {
      case "text":
        return first == '"';
      case "whole":
        return whole(value);
      case "number":
        return first == '-' || (first >= '0' && first <= '9');
      case "truth":
        return first == 't' || first == 'f';
      case "object":
        return first == '{';
      default:
        return first == '[';
    }
  }

  private static boolean whole(String value) {
    if (value.length() > 19 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return false;
    }
    return Long.parseUnsignedLong(value) >= 0;
  }
}
