package io.quartermaster.node.collateral;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quartermaster.api.Hotkey;
import io.quartermaster.api.InvalidArgument;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CollateralReadingsTest {
    private static final Hotkey ANNA = new Hotkey("anna");
    private static final Hotkey BERT = new Hotkey("bert");

    private final CollateralReadings readings = new CollateralReadings();

    @Test
    void anUnknownMinerHasPutDownNothing() {
        assertThat(readings.wei(ANNA)).isZero();
    }

    @Test
    void aMinerThatIsNotNamedKeepsItsAmount() {
        readings.take(Map.of(ANNA, BigInteger.TEN, BERT, BigInteger.ONE));
        readings.take(Map.of(BERT, BigInteger.ZERO));

        assertThat(readings.wei(ANNA)).isEqualTo(BigInteger.TEN);
        assertThat(readings.wei(BERT)).isZero();
    }

    @Test
    void oneNegativeAmountSpoilsTheWholeReading() {
        readings.take(Map.of(ANNA, BigInteger.TEN));

        assertThatExceptionOfType(InvalidArgument.class)
                .isThrownBy(() -> readings.take(Map.of(ANNA, BigInteger.ONE, BERT, BigInteger.valueOf(-1))));
        assertThat(readings.wei(ANNA)).isEqualTo(BigInteger.TEN);
    }
}
