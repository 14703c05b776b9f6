package io.quartermaster.node.receipts;

import io.quartermaster.api.GridUnavailable;
import io.quartermaster.api.Hotkey;
import io.quartermaster.api.Miner;
import io.quartermaster.api.QuartermasterException;
import io.quartermaster.api.SignedReceipt;
import io.quartermaster.node.receipts.ReceiptIndex.Added;
import io.quartermaster.node.receipts.ReceiptSignatures.Flaw;
import io.quartermaster.node.receipts.TransferCheckpoint.Mark;
import io.quartermaster.node.receipts.TransferFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads what is new of one page: fetches it in parts, verifies, and takes in. Safe for use by several threads. */
final class PageTransfer {
    /** A page with more parts than this has no end. */
    private static final int MOST_PARTS = 16;

    private static final int MOST_OF_A_MINER = 50_000;
    private static final int MOST_ON_THEIR_WAY = 128;
    private static final long SAFE_WITHIN_SECONDS = 15;

    private final TransferPorts ports;
    private final TransferFigures figures;
    private final PageFetcher fetcher = new PageFetcher();
    private final Semaphore room = new Semaphore(MOST_ON_THEIR_WAY);

    /** Pages of which something was to be taken in and is not known to be safe. */
    private final Set<Page> unsettled = ConcurrentHashMap.newKeySet();

    private record Page(Hotkey miner, long number) {}

    PageTransfer(TransferPorts ports, TransferFigures figures) {
        this.ports = ports;
        this.figures = figures;
    }

    /**
     * Reads a page on from a mark.
     *
     * @param whole whether nothing will be added to the page any more
     * @return the mark up to which all receipts are safe
     */
    Mark transfer(Miner miner, Mark mark, boolean whole, Duration patience) throws TransferFailure {
        Mark reached = mark;
        for (int part = 0; part < MOST_PARTS; part++) {
            long began = System.nanoTime();
            PagePart fetched = fetcher.fetch(miner, mark.page(), reached.bytes(), patience);
            boolean last = whole && !fetched.cut();
            PageLines lines = PageLines.read(fetched.bytes(), miner.hotkey(), ports::knows, ports.now(), last);
            lines.flaws().forEach(figures::flawed);
            take(miner, mark.page(), lines.receipts());
            figures.transferred(System.nanoTime() - began);
            // Whoever answers with less than it had before does not make us read it all once more.
            long end = Math.max(reached.bytes(), fetched.from() + lines.bytes());
            boolean stuck = fetched.cut() && end == reached.bytes();
            reached = new Mark(mark.page(), end, last);
            if (!fetched.cut()) {
                return reached;
            }
            if (stuck) {
                break;
            }
        }
        if (whole) {
            figures.failed(Kind.TOO_LONG);
            return new Mark(mark.page(), reached.bytes(), true);
        }
        throw new TransferFailure(Kind.TOO_LONG, "serves a page without end");
    }

    /** Once it returns all are safe: what this replica knows since a former attempt, which failed, no other may know yet. */
    private void take(Miner miner, long page, List<SignedReceipt> read) {
        Page place = new Page(miner.hotkey(), page);
        boolean failedBefore = !unsettled.add(place);
        List<SignedReceipt> known = new ArrayList<>();
        List<SignedReceipt> news = new ArrayList<>();
        List<SignedReceipt> contradicting = new ArrayList<>();
        for (SignedReceipt receipt : read) {
            Added expected = ports.index().judge(receipt);
            if (expected == Added.NEW) {
                news.add(receipt);
            } else if (expected == Added.CONTRADICTS) {
                // Only worth a report if it is really signed.
                contradicting.add(receipt);
            } else if (failedBefore) {
                known.add(receipt);
            }
        }
        int left = Math.max(0, MOST_OF_A_MINER - ports.index().size(miner.hotkey()));
        if (news.size() > left) {
            figures.flawed(LineFlaw.TOO_MANY, news.size() - left);
            news = news.subList(0, left);
        }
        List<SignedReceipt> all = new ArrayList<>(news);
        all.addAll(contradicting);
        List<Optional<Flaw>> flaws = ReceiptSignatures.flaws(all);
        List<CompletableFuture<Added>> taken = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (flaws.get(i).isPresent()) {
                figures.flawed(LineFlaw.BAD_SIGNATURE, 1);
            } else {
                taken.add(begin(all.get(i)));
            }
        }
        known.forEach(receipt -> taken.add(begin(receipt)));
        for (CompletableFuture<Added> one : taken) {
            Added added = await(one);
            if (added == Added.NEW) {
                figures.received(1);
            } else if (added == Added.CONTRADICTS) {
                figures.flawed(LineFlaw.CONTRADICTS, 1);
            }
        }
        unsettled.remove(place);
    }

    private CompletableFuture<Added> begin(SignedReceipt receipt) {
        room.acquireUninterruptibly();
        return ports.take(receipt)
                .whenComplete((added, failure) -> room.release())
                .toCompletableFuture();
    }

    /** Waits until something is safe. */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(SAFE_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QuartermasterException failure) {
                throw failure;
            }
            throw new GridUnavailable("A receipt could not be taken in: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new GridUnavailable("Receipts are not taken in now", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GridUnavailable("The transfer ends", e);
        }
    }
}
