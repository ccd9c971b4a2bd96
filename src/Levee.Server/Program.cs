return await Levee.Server.LeveeServer.RunAsync(args);
