package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	cometcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	comettypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/cosmos-sdk/server"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/spf13/viper"
)

const usage = `usage:
  cosmos-bank genesis FILE ACCOUNTS           puts so many accounts with money into a genesis file of CometBFT
  cosmos-bank sign ACCOUNTS LANES FROM COUNT  prints, lane by lane and base64, COUNT signed MsgSend of each lane
  cosmos-bank node HOME                       runs a node with the home directory of CometBFT`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(1)
	}
	switch args := os.Args[2:]; {
	case os.Args[1] == "genesis" && len(args) == 2:
		writeGenesis(args[0], number(args[1]))
	case os.Args[1] == "sign" && len(args) == 4:
		sign(number(args[0]), number(args[1]), number(args[2]), number(args[3]))
	case os.Args[1] == "node" && len(args) == 1:
		run(args[0])
	default:
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(1)
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	must(err)
	return value
}

// The key follows from the number, so every run has the same accounts.
func key(index int) *secp256k1.PrivKey {
	secret := sha256.Sum256(fmt.Appendf(nil, "benchmark account %d", index))
	return &secp256k1.PrivKey{Key: secret[:]}
}

func addressOf(index int) sdk.AccAddress {
	return sdk.AccAddress(key(index).PubKey().Address())
}

func writeGenesis(file string, count int) {
	enc := newEncoding()
	auth := authtypes.DefaultGenesisState()
	bank := banktypes.DefaultGenesisState()
	accounts := make(authtypes.GenesisAccounts, count)
	for i := range count {
		accounts[i] = authtypes.NewBaseAccount(addressOf(i), nil, uint64(i), 0)
		coins := sdk.NewCoins(sdk.NewInt64Coin(denom, 1_000_000_000_000))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: addressOf(i).String(), Coins: coins})
	}
	packed, err := authtypes.PackAccounts(accounts)
	must(err)
	auth.Accounts = packed
	document, err := comettypes.GenesisDocFromFile(file)
	must(err)
	document.ChainID = chainID
	document.AppState, err = json.Marshal(genesis{enc.codec.MustMarshalJSON(auth), enc.codec.MustMarshalJSON(bank)})
	must(err)
	must(document.SaveAs(file))
}

// The accounts of a lane take turns; from is how many transactions of the lane there were before.
func sign(accounts, lanes, from, count int) {
	enc := newEncoding()
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	perLane := accounts / lanes
	for lane := range lanes {
		for i := from; i < from+count; i++ {
			sender := lane*perLane + i%perLane
			receiver := (i*7 + 3) % accounts
			builder := enc.tx.NewTxBuilder()
			coins := sdk.NewCoins(sdk.NewInt64Coin(denom, 1))
			must(builder.SetMsgs(banktypes.NewMsgSend(addressOf(sender), addressOf(receiver), coins)))
			builder.SetGasLimit(200_000)
			private, sequence := key(sender), uint64(i/perLane)
			mode := signing.SignMode_SIGN_MODE_DIRECT
			must(builder.SetSignatures(signing.SignatureV2{
				PubKey: private.PubKey(), Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: sequence,
			}))
			data := authsigning.SignerData{
				ChainID: chainID, AccountNumber: uint64(sender), Sequence: sequence,
				PubKey: private.PubKey(), Address: addressOf(sender).String(),
			}
			signature, err := tx.SignWithPrivKey(context.Background(), mode, data, builder, private, enc.tx, sequence)
			must(err)
			must(builder.SetSignatures(signature))
			raw, err := enc.tx.TxEncoder()(builder.GetTx())
			must(err)
			fmt.Fprintln(out, base64.StdEncoding.EncodeToString(raw))
		}
	}
}

func run(home string) {
	settings := viper.New()
	settings.SetConfigFile(filepath.Join(home, "config", "config.toml"))
	must(settings.ReadInConfig())
	config := cometcfg.DefaultConfig()
	must(settings.Unmarshal(config))
	config.SetRoot(home)
	nodeKey, err := p2p.LoadNodeKey(config.NodeKeyFile())
	must(err)
	db, err := dbm.NewDB("application", dbm.GoLevelDBBackend, filepath.Join(home, "data"))
	must(err)
	started, err := node.NewNode(
		config,
		privval.LoadFilePV(config.PrivValidatorKeyFile(), config.PrivValidatorStateFile()),
		nodeKey,
		proxy.NewLocalClientCreator(server.NewCometABCIWrapper(newApp(db))),
		node.DefaultGenesisDocProviderFunc(config),
		cometcfg.DefaultDBProvider,
		node.DefaultMetricsProvider(config.Instrumentation),
		log.NewNopLogger(),
	)
	must(err)
	must(started.Start())
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
	must(started.Stop())
	must(db.Close())
}
