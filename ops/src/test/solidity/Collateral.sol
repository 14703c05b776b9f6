// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// What miners put down, for the tests: the functions, events and errors of the contract that validators of the subnet use, and
/// the rules that a validator sees. Amounts are in wei.
contract Collateral {
    uint16 public immutable NETUID;
    address public immutable TRUSTEE;
    uint256 public immutable MIN_COLLATERAL_INCREASE;
    uint64 public immutable DECISION_TIMEOUT;

    mapping(address => uint256) public collaterals;
    mapping(uint256 => Reclaim) public reclaims;
    mapping(address => uint256) private pending;
    uint256 private reclaimsBegun;

    struct Reclaim {
        address miner;
        uint256 amount;
        uint64 denyTimeout;
    }

    event Deposit(address indexed account, uint256 amount);
    event ReclaimProcessStarted(
        uint256 indexed reclaimRequestId,
        address indexed account,
        uint256 amount,
        uint64 expirationTime,
        string url,
        bytes16 urlContentMd5Checksum
    );
    event Reclaimed(uint256 indexed reclaimRequestId, address indexed account, uint256 amount);
    event Denied(uint256 indexed reclaimRequestId, string url, bytes16 urlContentMd5Checksum);
    event Slashed(address indexed account, uint256 amount, string url, bytes16 urlContentMd5Checksum);

    error AmountZero();
    error BeforeDenyTimeout();
    error InsufficientAmount();
    error InvalidDepositMethod();
    error NotTrustee();
    error PastDenyTimeout();
    error ReclaimAmountTooLarge();
    error ReclaimAmountTooSmall();
    error ReclaimNotFound();
    error TransferFailed();

    constructor(uint16 netuid, address trustee, uint256 minCollateralIncrease, uint64 decisionTimeout) {
        NETUID = netuid;
        TRUSTEE = trustee;
        MIN_COLLATERAL_INCREASE = minCollateralIncrease;
        DECISION_TIMEOUT = decisionTimeout;
    }

    modifier onlyTrustee() {
        if (msg.sender != TRUSTEE) {
            revert NotTrustee();
        }
        _;
    }

    receive() external payable {
        revert InvalidDepositMethod();
    }

    function deposit() external payable {
        if (msg.value < MIN_COLLATERAL_INCREASE) {
            revert InsufficientAmount();
        }
        collaterals[msg.sender] += msg.value;
        emit Deposit(msg.sender, msg.value);
    }

    function slashCollateral(address miner, uint256 amount, string calldata url, bytes16 urlContentMd5Checksum)
        external
        onlyTrustee
    {
        if (amount == 0) {
            revert AmountZero();
        }
        if (collaterals[miner] < amount) {
            revert InsufficientAmount();
        }
        collaterals[miner] -= amount;
        pay(address(0), amount);
        emit Slashed(miner, amount, url, urlContentMd5Checksum);
    }

    function reclaimCollateral(uint256 amount, string calldata url, bytes16 urlContentMd5Checksum) external {
        if (amount == 0) {
            revert AmountZero();
        }
        uint256 left = collaterals[msg.sender] - pending[msg.sender];
        if (amount > left) {
            revert ReclaimAmountTooLarge();
        }
        if (amount < MIN_COLLATERAL_INCREASE && amount < left) {
            revert ReclaimAmountTooSmall();
        }
        pending[msg.sender] += amount;
        uint64 timeout = uint64(block.timestamp) + DECISION_TIMEOUT;
        reclaims[++reclaimsBegun] = Reclaim(msg.sender, amount, timeout);
        emit ReclaimProcessStarted(reclaimsBegun, msg.sender, amount, timeout, url, urlContentMd5Checksum);
    }

    function denyReclaimRequest(uint256 id, string calldata url, bytes16 urlContentMd5Checksum) external onlyTrustee {
        Reclaim memory reclaim = known(id);
        if (reclaim.denyTimeout < block.timestamp) {
            revert PastDenyTimeout();
        }
        pending[reclaim.miner] -= reclaim.amount;
        delete reclaims[id];
        emit Denied(id, url, urlContentMd5Checksum);
    }

    function finalizeReclaim(uint256 id) external {
        Reclaim memory reclaim = known(id);
        if (reclaim.denyTimeout >= block.timestamp) {
            revert BeforeDenyTimeout();
        }
        delete reclaims[id];
        pending[reclaim.miner] -= reclaim.amount;
        // What was slashed meanwhile is gone.
        if (collaterals[reclaim.miner] >= reclaim.amount) {
            collaterals[reclaim.miner] -= reclaim.amount;
            emit Reclaimed(id, reclaim.miner, reclaim.amount);
            pay(reclaim.miner, reclaim.amount);
        }
    }

    function known(uint256 id) private view returns (Reclaim memory reclaim) {
        reclaim = reclaims[id];
        if (reclaim.amount == 0) {
            revert ReclaimNotFound();
        }
    }

    function pay(address to, uint256 amount) private {
        (bool paid,) = payable(to).call{value: amount}("");
        if (!paid) {
            revert TransferFailed();
        }
    }
}
