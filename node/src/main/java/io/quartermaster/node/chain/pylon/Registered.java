package io.quartermaster.node.chain.pylon;

import io.quartermaster.api.Neuron;
import io.quartermaster.node.chain.Observation.Validator;
import java.util.List;

/**
 * Who is registered in the subnet. Lists that are equal to those of the answer before are the same objects.
 *
 * @param neurons all neurons, by uid; no shielded addresses, since Pylon knows none
 * @param validators those of them that the chain counts as validators, the highest stake first
 */
public record Registered(List<Neuron> neurons, List<Validator> validators) {}
