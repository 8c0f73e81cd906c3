/** The chain has decided on an upgrade that this version does not know. Nothing is lost: the next version goes on here. */
export class UpgradeError extends Error {
  readonly code = "upgradeNeeded";
  readonly upgradeName: string;
  readonly height: number;
  constructor(upgradeName: string, height: number) {
    super(
      `from block ${height} on the chain follows the upgrade "${upgradeName}", which this version does not know: install the version that does and start the node again`,
    );
    this.upgradeName = upgradeName;
    this.height = height;
  }
}
