package io.quartermaster.node.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules of the books, as scripts: a command, an arrow, the answer. */
class LedgerScriptTest {
    private static MinerLedger play(String script) {
        LedgerScript ledger = new LedgerScript();
        int number = 0;
        for (String line : script.split("\n", -1)) {
            number++;
            String text = line.replaceAll("#.*", "").strip();
            if (text.isEmpty()) {
                continue;
            }
            String[] parts = text.split("->", 2);
            String expected = parts.length == 1 ? "done" : parts[1].strip();
            assertThat(ledger.run(parts[0].strip()))
                    .as("line %d: %s", number, text)
                    .isEqualTo(expected);
        }
        return ledger.ledger();
    }

    @Test
    void aBlockYieldsNothingUntilItsSuccessorIsKnown() {
        play("""
                manifest 100 gpu=1
                block 100 t=1200s
                reserve A gpu 1s at 100   -> not enough: 0s
                block 101 t=1212s
                reserve A gpu 1s at 101   -> blocks 100
                reserve B gpu 1s at 101   -> not enough: 0s   # the newest block never counts
                """);
    }

    @Test
    void anAmountIsExecutorsTimesShareTimesLengthTimesMultiplier() {
        play("""
                validators V=30,W=10
                multiplier 2
                manifest 100 gpu=4
                block 100 t=1200s
                block 101 t=1210.5s
                statement gpu at 101 -> minted 63 free 63 reserved 0 spent 0 invalid 0 expired 0
                """);
    }

    @Test
    void noStakeAtAllYieldsNothing() {
        play("""
                validators V=0,W=0
                manifest 100 gpu=4
                blocks 100 .. 102
                reserve A gpu 1s at 102 -> not enough: 0s
                """);
    }

    @Test
    void aStallOfTheChainIsNoExtraAllowance() {
        play("""
                manifest 100 gpu=1
                block 100 t=0s
                block 101 t=12.5s      # not above the limit: counts as it is
                block 102 t=25.001s    # above it: counts as 12
                statement gpu at 102 -> minted 24.5 free 24.5 reserved 0 spent 0 invalid 0 expired 0
                """);
    }

    @Test
    void blocksAreTakenWholeAndOldestFirst() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 106
                reserve A gpu 13s at 106 -> blocks 100 101
                reserve B gpu 12s at 106 -> blocks 102
                undo A                   -> undone
                reserve C gpu 30s at 106 -> blocks 100 101 103     # given back: used again first
                reserve D gpu 30s at 106 -> not enough: 24s
                """);
    }

    @Test
    void theStartBlockBoundsTheWindowFromBelowOnly() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 104
                reserve A gpu 12s at 822  -> blocks 100      # 822 - 722
                reserve B gpu 12s at 824  -> blocks 102
                reserve C gpu 12s at 0    -> blocks 101      # younger than the job's start
                statement gpu at 826 -> minted 48 free 0 reserved 36 spent 0 invalid 0 expired 12
                """);
    }

    @Test
    void blocksOfAmountZeroAreNeverTaken() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 101
                validators W=5
                blocks 102 .. 103
                validators V=5
                blocks 104 .. 106
                reserve A gpu 30s at 106 -> blocks 100 101 104
                """);
    }

    @Test
    void aBlockYieldsNothingOfAMinerThatWasNotRegisteredAtIt() {
        play("""
                manifest 100 gpu=1
                block 100 t=0s
                block-without-miner 101 t=12s
                block 102 t=24s
                block 103 t=36s
                reserve A gpu 24s at 103 -> blocks 100 102
                """);
    }

    @Test
    void blocksMayComeInAnyOrderAndTwice() {
        play("""
                manifest 100 gpu=1
                block 102 t=24s
                block 100 t=0s
                reserve A gpu 1s at 102 -> not enough: 0s    # 101 is missing, so neither has a length
                block 101 t=12s
                block 101 t=12s         -> nothing new
                reserve A gpu 24s at 102 -> blocks 100 101
                """);
    }

    @Test
    void aDropInvalidatesTheBlocksBeforeItButNotThoseThatAreBooked() {
        play("""
                manifest 100 gpu=3
                blocks 100 .. 110
                reserve A gpu 36s at 110 -> blocks 100
                manifest 105 gpu=2
                invalidated gpu 104      -> 105
                invalidated gpu 105      -> -1               # the drop's own block stays valid
                reserve B gpu 36s at 110 -> blocks 105
                spend A                  -> spent
                undo B                   -> undone
                statement gpu at 110 -> minted 360 free 180 reserved 0 spent 36 invalid 144 expired 0
                """);
    }

    @Test
    void whatAnUndoGivesBackIsInvalidIfADropCameMeanwhile() {
        play("""
                manifest 100 gpu=2
                blocks 100 .. 103
                reserve A gpu 1s at 103 -> blocks 100
                manifest 102 gpu=1
                undo A                  -> undone
                reserve B gpu 1s at 103 -> blocks 102
                """);
    }

    @Test
    void aBlockFinalisedAfterALaterDropIsBornInvalidAtTheEarliestOne() {
        play("""
                manifest 100 gpu=3
                manifest 110 gpu=2
                manifest 120 gpu=1
                blocks 104 .. 106
                invalidated gpu 104 -> 110
                invalidated gpu 111 -> 120
                reserve A gpu 1s at 106 -> not enough: 0s
                """);
    }

    @Test
    void aManifestNeverChangesABlockThatIsFinalised() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 105
                manifest 102 gpu=4       # read at 102, arrives when 102, 103 and 104 are finalised
                blocks 106 .. 107
                statement gpu at 107 -> minted 156 free 156 reserved 0 spent 0 invalid 0 expired 0   # 5 x 12 + 2 x 48
                executors gpu -> 4
                """);
    }

    @Test
    void ofTwoSyncsAtOneBlockTheLaterCountsStandAndTheDropsOfBothCount() {
        play("""
                manifest 100 gpu=3
                blocks 100 .. 104
                manifest 105 gpu=1
                manifest 105 gpu=5
                blocks 105 .. 106
                invalidated gpu 104 -> 105
                statement gpu at 106 -> minted 240 free 60 reserved 0 spent 0 invalid 180 expired 0
                """);
    }

    @Test
    void aManifestThatComesLateCountsUntilTheNextOneThatIsKnown() {
        play("""
                manifest 100 gpu=3
                manifest 110 gpu=3
                manifest 105 gpu=5
                blocks 104 .. 111
                statement gpu at 111 -> minted 372 free 372 reserved 0 spent 0 invalid 0 expired 0   # 36 + 5x60 + 36
                executors gpu -> 3
                """);
    }

    @Test
    void aCapIsNoDropAndADropIsFoundByWhatTheMinerSays() {
        play("""
                manifest 100 gpu=2/6
                executors gpu       -> 2
                manifest 110 gpu=1/3       # the cap was lowered: the miner still says more than was stored
                invalidated gpu 105 -> -1
                manifest 120 gpu=0
                invalidated gpu 105 -> 120
                """);
    }

    @Test
    void theDeadlineDecidesAndNotTheSweep() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 110
                reserve A gpu 24s at 110 -> blocks 100 101
                reserve B gpu 24s at 110 -> blocks 102 103
                tick 123.999s
                spend A                  -> spent
                tick 0.001s                                  # 24 + 100 s after it was made
                spend B                  -> not found
                undo B                   -> not found
                reserve C gpu 24s at 110 -> blocks 102 103
                """);
    }

    @Test
    void aDueReservationFreesItsBlocksForTheCommandThatFindsIt() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 102
                reserve A gpu 24s at 102 -> blocks 100 101
                tick 124s
                reserve B gpu 24s at 102 -> blocks 100 101
                """);
    }

    @Test
    void ofUndoSpendAndExpiryExactlyOneWins() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 110
                reserve A gpu 12s at 110 -> blocks 100
                reserve B gpu 12s at 110 -> blocks 101
                spend A -> spent
                spend A -> already spent
                undo A  -> already spent
                undo B  -> undone
                undo B  -> not found
                spend B -> not found
                spend never-made -> not found
                tick 1000s
                expire
                spend A -> already spent
                statement gpu at 110 -> minted 120 free 108 reserved 0 spent 12 invalid 0 expired 0
                """);
    }

    @Test
    void aRepeatedCallGetsTheSameAnswerAndDoesNothingAgain() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 110
                reserve A gpu 12s at 110 call one -> blocks 100
                undo A call two                   -> undone
                undo A call two                   -> undone
                reserve A gpu 12s at 110 call one -> blocks 100     # the answer of then: nothing is reserved again
                reserve B gpu 12s at 110          -> blocks 100
                spend B call three                -> spent
                spend B call three                -> spent
                spend B call four                 -> already spent
                """);
    }

    @Test
    void aRefusedCallStaysRefused() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 101
                reserve A gpu 12s at 101            -> blocks 100
                reserve B gpu 12s at 101 call again -> not enough: 0s
                undo A                              -> undone
                reserve B gpu 12s at 101 call again -> not enough: 0s
                reserve B gpu 12s at 101 call other -> blocks 100
                """);
    }

    @Test
    void aSpendRemembersItsCallForAsLongAsTheBookingIsKept() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 101
                reserve A gpu 12s at 101 -> blocks 100
                spend A call one         -> spent
                tick 100000s
                reserve B gpu 12s at 101 -> not enough: 0s    # two answers later the old ones are forgotten
                tick 100000s
                reserve C gpu 12s at 101 -> not enough: 0s
                spend A call one         -> spent
                """);
    }

    @Test
    void aCommandThatWasOnItsWayForTooLongIsRefused() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 103
                reserve A gpu 12s at 103 late 15s    -> blocks 100
                reserve B gpu 12s at 103 late 15.001s -> too late
                """);
    }

    @Test
    void aJobHasOneReservationWhileThatIsActive() {
        play("""
                manifest 100 gpu=1 cpu=1
                blocks 100 .. 110
                reserve A gpu 12s at 110 -> blocks 100
                reserve A gpu 12s at 110 -> blocks 100
                reserve A gpu 12s at 109 -> blocks 100
                reserve A gpu 13s at 110 -> job reused (seconds: 12.0, now 13.0)
                reserve A cpu 12s at 110 -> job reused (class: gpu, now cpu)
                undo A                   -> undone
                reserve A cpu 13s at 110 -> blocks 100 101
                tick 113s
                reserve A gpu 12s at 110 -> blocks 100          # after it has expired, too
                """);
    }

    @Test
    void jobsOfReceiptsAndOfReservationsFillExecutorsAndCountOnce() {
        play("""
                manifest 100 gpu=2
                blocks 100 .. 120
                reserve A gpu 12s at 120 busy none -> blocks 100
                reserve B gpu 12s at 120 busy A    -> blocks 101     # A has a receipt by now: counted once
                reserve C gpu 12s at 120 busy A    -> busy: 2 of 2
                reserve D gpu 12s at 120 busy X,Y  -> busy: 4 of 2
                spend B                            -> spent
                reserve C gpu 12s at 120 busy A    -> blocks 102
                reserve E gpu 12s at 120           -> blocks 103     # without a slot: allowance alone decides
                """);
    }

    @Test
    void noManifestMeansNoExecutorAndNoAllowance() {
        play("""
                blocks 100 .. 102
                reserve A gpu 12s at 102           -> not enough: 0s
                manifest 100 cpu=1
                reserve A gpu 12s at 102           -> not enough: 0s
                reserve A gpu 12s at 102 busy none -> busy: 0 of 0
                """);
    }

    @Test
    void evictionLeavesOutOldBlocksAndKeepsTheNewestManifest() {
        MinerLedger ledger = play("""
                manifest 100 gpu=2
                blocks 100 .. 110
                reserve A gpu 24s at 110 -> blocks 100
                reserve B gpu 24s at 110 -> blocks 101
                spend A -> spent
                spend B -> spent
                evict until 100
                spend A -> not found        # holds no block any more
                spend B -> already spent
                executors gpu -> 2
                """);

        assertThat(ledger.bookings()).hasSize(1);
    }

    @Test
    void theTableKeepsTheNewest2166Blocks() {
        BlockTable table = BlockTable.over(neurons -> Set.of());
        for (long number = 1000; number <= 1000 + 2166; number++) {
            BlockRecord seen =
                    BlockRecord.seen(number, number * 12_000, Optional.empty(), ValidatorStakes.NONE, "list");
            table = table.with(table.changesFor(seen, 1));
        }
        assertThat(table.has(3166 - 2166)).isFalse();
        assertThat(table.has(3166 - 2165)).isTrue();
        assertThat(table.changesFor(
                        BlockRecord.seen(1000, 12_000_000, Optional.empty(), ValidatorStakes.NONE, "list"), 1))
                .isEmpty();
    }

    @Test
    void idsOfReservationsAreNeverUsedAgain() {
        MinerLedger ledger = play("""
                manifest 100 gpu=1
                blocks 100 .. 104
                reserve A gpu 12s at 104 -> blocks 100
                undo A -> undone
                reserve A gpu 12s at 104 -> blocks 100
                tick 1000s
                expire
                reserve A gpu 12s at 104 -> blocks 100
                """);

        assertThat(ledger.reservationsMade()).isEqualTo(3);
        assertThat(ledger.bookings().keySet()).containsExactly((7L << 40) | 3);
    }

    @Test
    void aReservationIsExtendedAsIfItWereMadeNowAndNeverShortened() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 106
                reserve A gpu 20s at 106 -> blocks 100 101
                extend A 10s             -> left 120.0s    # it lasts longer already
                tick 90s
                extend A 60s             -> left 160.0s
                tick 159s
                spend A                  -> spent          # the old deadline has passed long ago
                extend A 60s             -> already spent
                """);
    }

    @Test
    void anExtendedReservationExpiresAtItsNewDeadline() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 106
                reserve A gpu 12s at 106 -> blocks 100
                tick 100s
                extend A 12s             -> left 112.0s
                tick 112s
                extend A 12s             -> not found
                spend A                  -> not found
                reserve B gpu 12s at 106 -> blocks 100
                undo B                   -> undone
                extend B 12s             -> not found
                """);
    }

    @Test
    void noReservationLastsLongerThanOneForTheLongestJob() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 106
                reserve A gpu 12s at 106 -> blocks 100
                tick 100s
                extend A 3501s           -> too long: at most 3600.0s
                extend A 3500s           -> left 3600.0s
                tick 3500s
                extend A 1s              -> too long: at most 100.0s    # extended or not, it counts from when it was made
                spend A                  -> spent
                """);
    }

    @Test
    void anExtensionThatIsRepeatedMovesTheDeadlineOnce() {
        play("""
                manifest 100 gpu=1
                blocks 100 .. 106
                reserve A gpu 12s at 106 -> blocks 100
                tick 60s
                extend A 60s call C      -> left 160.0s
                tick 10s
                extend A 60s call C      -> left 150.0s
                """);
    }
}
