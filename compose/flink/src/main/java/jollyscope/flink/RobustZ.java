package jollyscope.flink;

import java.util.Arrays;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.AggregateFunction;

/**
 * {@code robust_z(value, least)}: how far the newest value lies from those before it in the same OVER
 * window, as a robust z-score: 0.6745 (x - median) / MAD (Iglewicz and Hoaglin, How to Detect and Handle
 * Outliers, 1993). Null with fewer than {@code least} values before it.
 *
 * <p>The MAD counts as at least a twentieth of the median and at least 1, so that a series which hardly
 * moves does not make an outlier of every ripple.
 */
public class RobustZ extends AggregateFunction<Double, RobustZ.Seen> {
  /** The values of the window, oldest first: at most as many as the window has rows. */
  public static class Seen {
    public @DataTypeHint("ARRAY<DOUBLE>") Double[] values = new Double[0];
    public int least = 0;
  }

  @Override
  public Seen createAccumulator() {
    return new Seen();
  }

  public void accumulate(Seen seen, Double value, Integer least) {
    seen.least = least;
    if (value != null) {
      seen.values = Arrays.copyOf(seen.values, seen.values.length + 1);
      seen.values[seen.values.length - 1] = value;
    }
  }

  public void retract(Seen seen, Double value, Integer least) {
    if (value != null) {
      seen.values = Arrays.copyOfRange(seen.values, 1, seen.values.length);
    }
  }

  @Override
  public Double getValue(Seen seen) {
    int before = seen.values.length - 1;
    if (before < Math.max(1, seen.least)) {
      return null;
    }
    double[] past = Arrays.stream(seen.values).limit(before).mapToDouble(Double::doubleValue).toArray();
    double middle = median(past);
    double spread = median(Arrays.stream(past).map(v -> Math.abs(v - middle)).toArray());
    spread = Math.max(spread, Math.max(Math.abs(middle) / 20, 1));
    return 0.6745 * (seen.values[before] - middle) / spread;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int half = values.length / 2;
    return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  }
}
