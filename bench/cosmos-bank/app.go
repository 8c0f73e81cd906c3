// The smallest useful Cosmos SDK chain: accounts and bank balances under the SDK's own ante handler, on CometBFT in the same
// process. It has no staking, governance or fees: it does less than the chain that it is compared with.
package main

import (
	"encoding/json"

	"cosmossdk.io/log/v2"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/std"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	"github.com/cosmos/gogoproto/proto"
)

const (
	chainID = "bench-1"
	denom   = "stake"
)

// Encoding of transactions and state.
type encoding struct {
	codec    *codec.ProtoCodec
	registry codectypes.InterfaceRegistry
	tx       client.TxConfig
}

func newEncoding() encoding {
	prefix := sdk.GetConfig().GetBech32AccountAddrPrefix()
	options := codectypes.InterfaceRegistryOptions{ProtoFiles: proto.HybridResolver}
	options.SigningOptions.AddressCodec = address.NewBech32Codec(prefix)
	options.SigningOptions.ValidatorAddressCodec = address.NewBech32Codec(prefix + "valoper")
	registry, err := codectypes.NewInterfaceRegistryWithOptions(options)
	must(err)
	std.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	consensustypes.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	return encoding{cdc, registry, authtx.NewTxConfig(cdc, authtx.DefaultSignModes)}
}

// genesis is the application's part of the genesis file.
type genesis struct {
	Auth json.RawMessage `json:"auth"`
	Bank json.RawMessage `json:"bank"`
}

func newApp(db dbm.DB) *baseapp.BaseApp {
	enc := newEncoding()
	app := baseapp.NewBaseApp("bank", log.NewNopLogger(), db, enc.tx.TxDecoder(), baseapp.SetChainID(chainID))
	app.SetInterfaceRegistry(enc.registry)
	app.SetTxEncoder(enc.tx.TxEncoder())
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, consensustypes.StoreKey)
	authority := authtypes.NewModuleAddress("gov").String()
	consensus := consensuskeeper.NewKeeper(
		enc.codec, runtime.NewKVStoreService(keys[consensustypes.StoreKey]), authority, runtime.EventService{})
	app.SetParamStore(consensus.ParamsStore)
	prefix := sdk.GetConfig().GetBech32AccountAddrPrefix()
	accounts := authkeeper.NewAccountKeeper(
		enc.codec, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		map[string][]string{authtypes.FeeCollectorName: nil}, address.NewBech32Codec(prefix), prefix, authority)
	bank := bankkeeper.NewBaseKeeper(
		enc.codec, runtime.NewKVStoreService(keys[banktypes.StoreKey]), accounts, nil, authority, log.NewNopLogger())
	banktypes.RegisterMsgServer(app.MsgServiceRouter(), bankkeeper.NewMsgServerImpl(bank))
	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper: accounts, BankKeeper: bank, SignModeHandler: enc.tx.SignModeHandler(),
		SigGasConsumer: ante.DefaultSigVerificationGasConsumer,
	})
	must(err)
	app.SetAnteHandler(handler)
	app.SetInitChainer(func(ctx sdk.Context, request *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
		var state genesis
		must(json.Unmarshal(request.AppStateBytes, &state))
		var authState authtypes.GenesisState
		var bankState banktypes.GenesisState
		enc.codec.MustUnmarshalJSON(state.Auth, &authState)
		enc.codec.MustUnmarshalJSON(state.Bank, &bankState)
		accounts.InitGenesis(ctx, authState)
		bank.InitGenesis(ctx, &bankState)
		return &abci.ResponseInitChain{Validators: request.Validators}, nil
	})
	app.MountKVStores(keys)
	must(app.LoadLatestVersion())
	return app
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
