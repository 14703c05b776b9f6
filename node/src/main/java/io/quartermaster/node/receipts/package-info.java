/** What is known of jobs from receipts: above all, which executors are at work. */
@NullMarked
package io.quartermaster.node.receipts;

import org.jspecify.annotations.NullMarked;
