// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

// Generated from packages/abi by `npm run generate -w contracts-solidity`. Do not change it by hand.

import {ITokens} from "./interfaces/ITokens.sol";
import {IDevices} from "./interfaces/IDevices.sol";
import {IAssets} from "./interfaces/IAssets.sol";
import {ITelemetry} from "./interfaces/ITelemetry.sol";
import {IRights} from "./interfaces/IRights.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {IUsage} from "./interfaces/IUsage.sol";
import {IPools} from "./interfaces/IPools.sol";
import {IReceivables} from "./interfaces/IReceivables.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IGovernance} from "./interfaces/IGovernance.sol";
import {INonces} from "./interfaces/INonces.sol";
import {IKeychain} from "./interfaces/IKeychain.sol";

ITokens constant TOKENS = ITokens(0x5255464600000000000000000000000000000001);
IDevices constant DEVICES = IDevices(0x5255464600000000000000000000000000000003);
IAssets constant ASSETS = IAssets(0x5255464600000000000000000000000000000004);
ITelemetry constant TELEMETRY = ITelemetry(0x5255464600000000000000000000000000000005);
IRights constant RIGHTS = IRights(0x5255464600000000000000000000000000000006);
IMarket constant MARKET = IMarket(0x5255464600000000000000000000000000000007);
IUsage constant USAGE = IUsage(0x5255464600000000000000000000000000000008);
IPools constant POOLS = IPools(0x5255464600000000000000000000000000000009);
IReceivables constant RECEIVABLES = IReceivables(0x525546460000000000000000000000000000000a);
IStaking constant STAKING = IStaking(0x525546460000000000000000000000000000000C);
IGovernance constant GOVERNANCE = IGovernance(0x525546460000000000000000000000000000000d);
INonces constant NONCES = INonces(0x4e4F4E4345000000000000000000000000000000);
IKeychain constant KEYCHAIN = IKeychain(0xaAAAaaAA00000000000000000000000000000000);
