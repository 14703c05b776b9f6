package io.quartermaster.node.app.web;

import io.quartermaster.node.app.CollateralReport;
import io.quartermaster.node.app.Replica;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Miners' collateral over HTTP. */
@RestController
@RequestMapping("/v1/collateral")
final class CollateralController {
    private final Replica replica;

    CollateralController(Replica replica) {
        this.replica = replica;
    }

    @ApiCall("The collateral of the miners, as it was read last.")
    @GetMapping
    CollateralReport collateral() {
        return replica.collateral();
    }
}
