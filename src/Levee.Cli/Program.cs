using Levee.Cli;

var isTerminal = !Console.IsOutputRedirected && !Console.IsErrorRedirected;
return await LeveeCommand.RunAsync(args, new CommandOutput(Console.Out, Console.Error, isTerminal));
