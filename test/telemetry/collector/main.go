// The collector that FlueTelemetry.adot() configures, with the components of that configuration and no others.
//
// Receivers, processors and exporters are those of AWS Distro for OpenTelemetry v0.49.0 in the same versions.
package main

import (
	"errors"
	"log"
	"os"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsxrayexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/attributesprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// The distribution reads its configuration from this variable when it is set, through the provider of environment variables.
const configuration = "AOT_CONFIG_CONTENT"

func components() (otelcol.Factories, error) {
	receivers, ofReceivers := otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory())
	processors, ofProcessors := otelcol.MakeFactoryMap[processor.Factory](
		attributesprocessor.NewFactory(), batchprocessor.NewFactory(), memorylimiterprocessor.NewFactory(),
	)
	exporters, ofExporters := otelcol.MakeFactoryMap[exporter.Factory](awsxrayexporter.NewFactory(), awsemfexporter.NewFactory())
	return otelcol.Factories{
		Receivers:  receivers,
		Processors: processors,
		Exporters:  exporters,
		Telemetry:  otelconftelemetry.NewFactory(),
	}, errors.Join(ofReceivers, ofProcessors, ofExporters)
}

func main() {
	if _, ok := os.LookupEnv(configuration); !ok {
		log.Fatalf("%s is not set", configuration)
	}
	command := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "collector", Description: "Components of FlueTelemetry.adot()", Version: "0.49.0"},
		Factories: components,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              []string{"env:" + configuration},
			ProviderFactories: []confmap.ProviderFactory{envprovider.NewFactory()},
			DefaultScheme:     "env",
		}},
	})
	if err := command.Execute(); err != nil {
		log.Fatal(err)
	}
}
